"""Can a classifier tell real recordings from simulated ones of the same symbols, and by what?"""
