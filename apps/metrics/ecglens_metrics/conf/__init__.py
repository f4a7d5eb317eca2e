"""Evaluations of this package by name: axioms, counterfactuals, degradation, shortcuts."""
