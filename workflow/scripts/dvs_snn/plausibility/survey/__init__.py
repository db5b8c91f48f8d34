"""Folders of recordings checked before anything is trained: all faults at once, with remedies."""
