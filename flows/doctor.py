"""The doctor flow: the state of the installation, told in Prefect's interface.

Not here: what is examined (flows/health.py). The watch that counts is `observatoire doctor --notify`, run by a timer
outside Prefect: a server that is down cannot say so itself.
"""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.health import examine
from flows.observatory import Observatory
from flows.settings import load_settings


@flow(
    name="doctor",
    description="Examiner l'installation : nuits, sources en retard, disque, courriel, identifiants, messages dus.",
    flow_run_name="examen",
    validate_parameters=True,
)
def doctor(sources: bool = False, mode: str | None = None, warehouse: str | None = None) -> list[str]:
    """Examiner l'installation ; `sources` interroge aussi chaque producteur une fois."""
    lines, code = examine(Observatory(load_settings(mode=mode, warehouse=warehouse)), sources=sources)
    create_markdown_artifact(
        "\n".join(f"- {line}" for line in lines), key="observatoire-examen", description="Examen"
    )
    if code:
        raise RuntimeError("\n".join(line for line in lines if line.startswith("échec")))
    return lines
