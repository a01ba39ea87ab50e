"""What every service shares at run time: no rule of one service alone, and no import of one.

Of the field's words it has what all take from the contracts: rules and shapes of fields, and what reasons of decisions
say on pages and in e-mails.
"""
