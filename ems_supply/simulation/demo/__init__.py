"""The demo division: Marlow County EMS, which is nowhere, and its last 120 days."""
