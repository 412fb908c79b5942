"""``manage.py ems NOUN VERB``: the verbs of the trade for scripts, over the same access and actions as the pages.

``table`` (what a verb is) → ``readers`` (codes to rows) → ``nouns`` (the verbs themselves). docs/commands.md is
written for its users.
"""
