"""What orders, shipments and runs write into the log and onto their rows, in English; pages say it again."""

from django.utils.translation import gettext_noop

from core.sayings import Saying

NOTHING_MORE = Saying(gettext_noop("Nothing more is available."))
LOT_UNUSABLE = Saying(gettext_noop("Lot %(lot)s is not usable any more."))
OTHER_RUNS = Saying(gettext_noop("Its stops go with other runs."))
PASSES_NOT_BOTH = Saying(gettext_noop("Its run does not pass both stations any more."))
PASSES_IN_OTHER_ORDER = Saying(gettext_noop("%(run)s does not pass both stations in that order any more."))
COLLECTED_FIRST = Saying(gettext_noop("So that a transfer is collected before it is delivered."))
BEEN_THERE = Saying(gettext_noop("The van had been at %(station)s before it was collected."))
CHOSE_ANOTHER = Saying(gettext_noop("%(person)s chose %(run)s instead."))

# Lots that may not be used: ``why`` is a word of ours or of a person.
RECALLED = Saying(gettext_noop("Recalled"))
RECALLED_TAKE_OUT = Saying(gettext_noop("Recalled."))
LOT_TAKEN_BACK = Saying(gettext_noop("%(why)s: lot %(lot)s."))
TAKE_OUT = Saying(gettext_noop("Take out of the totes: %(lots)s."))
OF_LOT = Saying(gettext_noop("%(quantity)s of lot %(lot)s, %(item)s"))

# What comes otherwise than it was asked for.
BY_TRANSFER = Saying(gettext_noop("%(quantity)s come from %(station)s by transfer %(transfer)s."))
INSTEAD = Saying(gettext_noop("%(quantity)s of %(item)s come from %(station)s instead (%(transfer)s)."))
REPLACED_OF = Saying(gettext_noop("%(item)s: %(covers)s replaced by %(quantity)s of %(substitute)s."))
REPLACED = Saying(gettext_noop("%(covers)s replaced by %(quantity)s of %(substitute)s."))
PROMISED_OTHERWISE = Saying(gettext_noop("%(item)s: %(promised)s now instead of %(proposed)s."))

# Why something short is held back, for the station that asked.
OWED = Saying(gettext_noop("%(item)s: %(owed)s owed."))
SHORT_OF_IT = Saying(gettext_noop("%(source)s is short of it: %(asked)s, %(here)s."))
ALONE = Saying(gettext_noop("this station alone asked for %(wanted)s"))
TOGETHER = Saying(gettext_noop("%(count)s stations together asked for %(wanted)s"))
ONE_TOO_SOON = Saying(gettext_noop("%(here)s, of which 1 expires too soon"))
SOME_TOO_SOON = Saying(gettext_noop("%(here)s, of which %(left)s expire too soon"))
NONE_HERE = Saying(gettext_noop("nothing is here"))
ONE_HERE = Saying(gettext_noop("1 is here"))
SOME_HERE = Saying(gettext_noop("%(free)s are here"))

# What moved in a depot's day.
PLANNED_AGAIN_ONE = Saying(gettext_noop("planned again, 1 stop moved"))
PLANNED_AGAIN_SOME = Saying(gettext_noop("planned again, %(count)s stops moved"))
WAITING_LIST = Saying(gettext_noop("the waiting list"))
FROM_TO = Saying(gettext_noop("%(station)s: from %(source)s to %(target)s"))
OTHER_PLACE = Saying(gettext_noop("%(station)s: another place on %(van)s"))
NO_STOP_LEFT = Saying(gettext_noop("no stop is left"))
WAITS = Saying(gettext_noop("%(station)s: %(was)s → waits"))
MOVED = Saying("%(station)s: %(was)s → %(now)s")
