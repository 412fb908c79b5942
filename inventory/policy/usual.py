"""What holds where nobody has decided otherwise: money of one currency, shares, and a year's rates."""

HOLDING_RATE = 0.20
LINE_COST = 1.5
DELIVERY_COST = 12.0
# By criticality: life-saving, essential, routine.
LOST_UNIT_COST = {"A": 200.0, "B": 40.0, "C": 5.0}
# Lost units weigh half more than they cost: years differ more than one history shows, and near its least the cost
# hardly changes with the par while what is lost does.
PRUDENCE = 1.5
FILL_FLOOR = {"A": 0.999, "B": 0.99, "C": 0.97}
