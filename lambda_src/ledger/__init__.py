"""The key table, and the only code that reads or writes it: key format, money, admission, settlement.

The router and the console share it through `ledger.table.Table`, each with an HTTP client of its own.
Standard library only, and light: the router imports it at cold start.
"""
