"""Which van goes where, in which order, at which cost. Pure: no database, no clock, no settings.

``travel`` says how far apart places are, ``timing`` when a van that leaves then is where, ``costs`` what that costs.
docs/schedule.md tells the whole.
"""
