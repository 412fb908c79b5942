"""Spanish as it is written in the United States: dates in Spanish, numbers as the division writes them."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
