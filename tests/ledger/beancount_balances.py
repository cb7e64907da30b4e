#!/usr/bin/python3
"""Prints account,currency,amount for each balance of a beancount file, exact to the last digit.

bean-query rounds what it shows. Fails when beancount finds an error.
"""
import collections
import sys

from beancount import loader
from beancount.core import data
from beancount.parser import printer

entries, errors, _ = loader.load_file(sys.argv[1])
if errors:
    printer.print_errors(errors, file=sys.stderr)
    sys.exit(1)
sums = collections.defaultdict(int)
for entry in data.filter_txns(entries):
    for posting in entry.postings:
        sums[posting.account, posting.units.currency] += posting.units.number
for (account, currency), amount in sorted(sums.items()):
    print(f"{account},{currency},{amount:f}")
