"""Whether recordings can be what a sensor sent, and are like those that trained."""
