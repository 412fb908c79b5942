"""A division at work without waiting: real or made-up demand goes through the same actions as the pages.

``replay`` answers how a division's stock would have fared; ``load_demo`` fills the demo division with its history.
"""
