"""Understand tables as people keep them: header rows, totals, units of measure, codes, persons."""
