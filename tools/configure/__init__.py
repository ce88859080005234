"""`make config`: check a configuration file and write it to a stage, the sandbox's or a real account's.

A repeat writes the same again. Nothing is written before everything has been checked, and every live account that wants
its channel's public keys has them.
"""
