"""Paper: sheets and labels as PDF, black on white, in a font that every file brings along."""

from reportlab import rl_config

# Pages as plain compressed bytes: a fifth smaller, and quicker, than spelled in letters for the mail systems of old.
rl_config.useA85 = 0
