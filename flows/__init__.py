"""What a schedule or a person starts: the Prefect flow and the command line. No domain logic lives here."""
