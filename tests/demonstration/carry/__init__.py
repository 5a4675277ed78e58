"""Carries official figures kept beside the project over into `warehouse/demonstration/`, one module a family.

Run by a person, rarely: `python -m tests.demonstration.carry <folder of the reference data>`. Not here: the product
never imports this package and never reads the reference folder; what it serves are the compact tables in git.
"""
