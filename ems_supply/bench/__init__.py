"""The figures of `make bench`: what the system takes, beside the least that the same work could take."""
