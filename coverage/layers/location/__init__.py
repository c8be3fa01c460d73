"""Find out where things are: coordinate systems, datums, swapped axes, shapes that do not fit."""
