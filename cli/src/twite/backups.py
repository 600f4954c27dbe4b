"""Commands that back a site up and restore it."""

from pathlib import Path

import click

from twite.options import data_option, load

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@data_option
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Back up the whole site into one FILE, while it runs.

    This includes the database, uploads and the secret key. Anyone with the file can read everything: keep it safe.
    It can be restored into SQLite or PostgreSQL.
    """
    from twite_common.backups import backup as module

    module.write(load(), file)
    click.echo(f"Wrote {file}.")


@click.command()
@data_option
@click.option("--key", "key_file", type=FILE, metavar="KEY", help="The site's secret.key, from a separate copy.")
@click.argument("file", type=FILE)
def restore(file: Path, key_file: Path | None) -> None:
    """Restore a site from a FILE made by `twite backup`.

    The data folder and the database must be empty. With --key, or where the setting secret_key is set, a backup that
    wasn't made with that key is refused.
    """
    from twite_common import secret
    from twite_common.backups import restoring

    origin = restoring.restore(load(), file, key=secret.read_key(key_file) if key_file else None)
    click.echo(f"Restored everything from {file}. {origin}")
