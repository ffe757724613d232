"""Many rows, quickly: copies of one."""

from typing import Any

from widget_server.storage.tables import database


def copied(table: type, source: object, many: int, **changed: str) -> None:
    """So many copies of the row with this key. `changed`: what is different, by column, in SQL; `n` is the number."""
    meta: Any = table._meta  # type: ignore[attr-defined]
    key = meta.get_primary_keys()[0].column_name
    columns = [one.column_name for one in meta.sorted_fields if one.column_name != "id" or "id" in changed]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f'one."{column}"') for column in columns)
    database.execute_sql(
        f"WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {many}) "
        f'INSERT INTO "{meta.table_name}" ({names}) SELECT {values} FROM up CROSS JOIN '
        f'(SELECT * FROM "{meta.table_name}" WHERE "{key}" = {database.param} LIMIT 1) AS one',
        (source,),
    )
