"""Why a change to a claim is right, or is not: denied lines to corrections or refusals.

Pure functions of their arguments: no clock, no network, no file but the package's own
parameters. Imports ``edi`` and nothing else of ours.
"""
