"""The tables of a release, column by column: what marts must produce and what pages and alerts may read.

Not here: how they are computed (dbt_project/models) and how they are opened (flows.warehouse). The dbt contracts of
`models/marts` are tested to be equal to these schemas, so a page never meets a column that the warehouse forgot.
Texts are UTF-8 strings, codes are text, dates are dates, figures are doubles already rounded to the indicator's
declared decimals.
"""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa

_s, _f, _i, _b, _d = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.date32()
_l = pa.list_(pa.string())


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


# fmt: off
TABLES: dict[str, pa.Schema] = {
    # One row a territory that has a page or is a comparison. `role`: territoire (the EPCI itself), voisin,
    # membre (its communes), membre_voisin, reference. `contour`: GeoJSON geometry (WGS84) or null.
    "dim_territory": _schema(
        niveau=_s, code=_s, nom=_s, role=_s, epci=_s, population=_i, population_periode=_s, surface_ha=_f,
        longitude=_f, latitude=_f, contour=_s, ordre=_i,
    ),
    # One row an indicator declared in models/indicators/*.yml (French words for pages).
    # `phrase`: sentence template, see docs/architecture.md. `raison`: why nothing is shown, when not computed.
    # `decimales`: shown; `decimales_commune`: shown for communes; `decimales_donnees`: kept in the data (>= shown).
    # `saisie`: non, partielle, oui (deposits of `service`); `attente`: saisie, source or "". `saisie_unite`: of what
    # is deposited, "" when it is the indicator's; `saisie_seuil`: counts below it are withheld, 0 for none.
    # `phrase_secret`: the sentence of a secret figure; `phrase_plancher`: of a floor (« Au moins … »);
    # `phrase_en_cours`: of an unfinished year, with `{fin}`; `periode_phrase`: how a period of this indicator is
    # said, with `{periode}` or `{fin}`; "" as usual.
    "dim_indicator": _schema(
        indicateur=_s, titre=_s, titre_court=_s, unite=_s, unite_courte=_s, decimales=_i, polarite=_s, definition=_s,
        formule=_s, pourquoi=_s, limites=_s, phrase=_s, niveau_logique=_s, contexte=_b, calcule=_b, raison=_s,
        periodicite=_s, periode_mois=_i, delai_mois=_i, territoire_niveau=_s, territoire_code=_s, comparaisons=_l,
        sert=_l, engagements=_l, champs=_l, destinataires=_l, jeux=_l, ventilations=_l, ventilation_unites=_l,
        cycle=_s, ordre=_i, decimales_commune=_i, decimales_donnees=_i, phrase_secret=_s, phrase_plancher=_s,
        phrase_en_cours=_s, periode_phrase=_s, attente=_s, saisie=_s, service=_s, saisie_unite=_s, saisie_seuil=_i,
    ),
    # The catalogue of the Projet de Territoire: type = finalite, ambition, engagement, champ, projet, critere,
    # dimension. `parent` is the id above (a champ's engagement), `source` is "document:ligne".
    "dim_engagement": _schema(
        id=_s, type=_s, parent=_s, libelle=_s, libelle_court=_s, citation=_s, source=_s, ordre=_i,
    ),
    # One row a dataset. `reserve`: French mention of what is still to be confirmed about it (address, licence) or "".
    # `etat`: a_jour, perime, retire, desactive, jamais_recu. `perime_depuis`: nuit.
    "dim_dataset": _schema(
        jeu=_s, titre=_s, editeur=_s, licence=_s, licence_nom=_s, licence_adresse=_s, attribution=_s, page=_s,
        periodicite=_s, accumulation=_s, niveaux=_l, cog=_i, absences=_s, brut_public=_b, raison_brut_prive=_s,
        simule=_b, etat=_s, etat_detail=_s, perime_depuis=_d, derniere_nuit=_d, editions=_i, lignes=_i, reserve=_s,
    ),
    # One row a page of an edition that the release reads (traceability down to the byte).
    "dim_edition": _schema(
        edition=_s, jeu=_s, partition=_s, nuit=_d, recu_le=_s, page=_i, adresse=_s, transport=_s, sha256=_s,
        octets=_i, type_contenu=_s, lignes=_i, empreinte=_s, simule=_b, brut_public=_b,
    ),
    # The figures. Key: indicateur, territoire_niveau, territoire_code, periode, ventilation. `jusqu_au`: last
    # day that the figure covers when that is not the end of its period (a running year, a base read on
    # a day), else null.
    "fct_observation": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, territoire=_s, periode=_s, annee=_f, ventilation=_s,
        valeur=_f, unite=_s, borne_basse=_f, borne_haute=_f, statut=_s, nature=_s, note=_s, millesime=_s, source=_s,
        licence=_s, jeux=_l, editions=_l, perime_depuis=_d, jusqu_au=_d,
    ),
    # One row a trajectory decision (a row of seeds/trajectoires.csv) with its origin.
    # `origine_territoire`: code of the territory the cited document speaks of (F for a national law).
    "dim_trajectory": _schema(
        trajectoire=_s, indicateur=_s, territoire_niveau=_s, territoire_code=_s, forme=_s, base_valeur=_f,
        base_annee=_f, base_note=_s, cible_valeur=_f, cible_annee=_f, tolerance=_f, echelle=_f, origine_statut=_s,
        origine_document=_s, origine_ligne=_s, origine_territoire=_s,
        citation=_s, commentaire=_s, manque=_s, auteur=_s, date=_d, valide_du=_d, valide_au=_d, points=_s,
        comparateur_niveau=_s, comparateur_code=_s,
    ),
    # The adopted curve, one row a year.
    "fct_trajectory": _schema(
        trajectoire=_s, indicateur=_s, territoire_niveau=_s, territoire_code=_s, annee=_f, valeur=_f,
        tolerance_basse=_f, tolerance_haute=_f,
    ),
    # Breaks of series (seeds/ruptures.csv): no trend and no line is drawn from before `periode` to it or after it.
    "dim_rupture": _schema(
        indicateur=_s, periode=_s, motif=_s, source=_s, auteur=_s, date=_d,
    ),
    # Corrections of what a source says (seeds/corrections.csv). `etat`: appliquee (to `lignes` rows),
    # perimee (the source says something else), sans_objet (no such row), invalide; `detail` says why, in French.
    "dim_correction": _schema(
        jeu=_s, cle=_s, colonne=_s, valeur_source=_s, valeur_corrigee=_s, motif=_s, ticket=_s, auteur=_s, date=_d,
        etat=_s, detail=_s, lignes=_i,
    ),
    # One row an indicator (for the territory of the observatory). `details`: JSON of every number used.
    # `part_chemin`, `part_chemin_attendue`: share of the road done and due, from the start of the trajectory to its
    # target; `arrivee_au_plus_tot`, `…_tard`: bounds (90 %) of the year at which the recent pace reaches the target,
    # the later one null when the slowest credible pace never does. `etat_calcule`, `raison_calculee`: what was
    # computed, which `etat` is unless a steward's dated decision (seeds/etats.csv) stands in front of it.
    "fct_status": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, trajectoire=_s, etat=_s, raison=_s, raison_texte=_s,
        periode=_s, annee=_f, valeur=_f, attendu=_f, ecart=_f, ecart_norm=_f, marge=_f, retard_trajectoire=_f,
        retard_comparateur=_f, arrivee_annee=_f, a_actualiser=_b, prochaine_attendue=_d, part_chemin=_f,
        part_chemin_attendue=_f, arrivee_au_plus_tot=_f, arrivee_au_plus_tard=_f, etat_calcule=_s, raison_calculee=_s,
        details=_s,
    ),
    # States as they were published: one row an indicator and a night (`depuis`) on which its state, reason, figure or
    # expected value changed. The state known on any night is the last row no later than it.
    "fct_status_history": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, depuis=_d, etat=_s, raison=_s, periode=_s, valeur=_f,
        attendu=_f, ecart_norm=_f, retard_trajectoire=_f,
    ),
    # Nights that are looked back to, not after that of the release. `genre`: barometre (31 January), triennale
    # (seeds/etapes.csv).
    "dim_etape": _schema(genre=_s, nuit=_d, titre=_s, source=_s, auteur=_s, date=_d),
    # Where an unfinished year stands on the day `au`, for indicators counted day by day. `bas`, `mediane`, `haut`:
    # what the `annees` whole past years had reached by the same date; `part_du_total`: the median share of their
    # total; `attendu`: that share of the trajectory's year. `position` in that spread: au_dessous, dans, au_dessus,
    # or indetermine below three years.
    "fct_pace": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, annee=_i, au=_d, valeur=_f, annees=_i,
        premiere_annee=_i, derniere_annee=_i, bas=_f, mediane=_f, haut=_f, part_du_total=_f, attendu=_f, position=_s,
    ),
    # Changes of state against the predecessor release; `premiere` on the very first release.
    # `cause`: premiere_publication, nouvelle_periode, revision, trajectoire, methode, echeance (only time passed: the
    # newest figure became too old to be judged, or is judged again).
    "fct_status_change": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, etat_avant=_s, etat_apres=_s, cause=_s,
        periode_avant=_s, periode_apres=_s, valeur_avant=_f, valeur_apres=_f, premiere=_b,
    ),
    # Figures of the EPCI and of the territories compared that differ from those of the predecessor release; empty on
    # the first one. `cause`, the first that holds: nouvelle_periode (a later period, or more of an unfinished one),
    # correction, perimetre (members of the EPCI), methode (model or decoder, or nothing else moved), revision.
    # `ecart` = valeur_apres - valeur_avant, null when one is unknown.
    "fct_revision": _schema(
        indicateur=_s, territoire_niveau=_s, territoire_code=_s, territoire=_s, periode=_s, ventilation=_s,
        valeur_avant=_f, valeur_apres=_f, ecart=_f, cause=_s,
    ),
    # Revisions (cause `revision`) of the indicator's own territory, in all, over every release compared so far:
    # `comparaisons` releases, `revisions` figures, their mean (MR) and mean absolute (MAR) difference, in its unit.
    "fct_revision_mean": _schema(
        indicateur=_s, comparaisons=_i, revisions=_i, somme=_f, somme_absolue=_f, revision_moyenne=_f,
        revision_absolue_moyenne=_f,
    ),
    # Alerts since the first release, kept from release to release (flows.alerts.ledger): one row an episode.
    # `genre`: derive or atteint. `etat`: retenue (not told yet, `raison` says why), a_confirmer (told to the steward
    # first), ouverte (told to the leads), suspendue (told, but nothing is known any more), retour_retenu,
    # retour_a_confirmer, close, ecartee (by the steward), abandonnee (the state moved before it was told).
    # `depuis`: night of that state; `dite`: last night leads were written to; `reponse_*`: the newest answer.
    "fct_alert": _schema(
        alerte=_s, indicateur=_s, genre=_s, etat=_s, depuis=_d, raison=_s, trajectoire=_s, etat_avant=_s, cause=_s,
        periode=_s, ouverte=_d, dite=_d, rappels=_i, cause_fin=_s, periode_fin=_s, close=_d, accuse=_d,
        reponse_le=_d, reponse_par=_s, reponse_cause=_s, reponse_action=_s, reponse_echeance=_d, sommeil=_d,
    ),
    # Everything the alerts decided, told or not, in order (`nuit`, `version`, `rang`). `cle`: stable name of the
    # event, the same when a release is withdrawn and its successor decides the same. `destinataires`: referents,
    # intendant, or "" when nobody is written to; `raison` then says why.
    "fct_alert_log": _schema(
        nuit=_d, version=_s, rang=_i, cle=_s, alerte=_s, indicateur=_s, evenement=_s, destinataires=_s, etat_avant=_s,
        etat_apres=_s, periode=_s, cause=_s, raison=_s,
    ),
    # One row a check evaluated by a gate. `portee`: edition or candidat. `exemples`: JSON list of offending rows.
    "fct_check": _schema(
        portee=_s, jeu=_s, edition=_s, partition=_s, suite=_s, regle=_s, enonce=_s, pourquoi=_s, severite=_s,
        resultat=_s, observe=_s, lignes=_i, ecarts=_i, exemples=_s, indicateurs=_l,
    ),
}
# fmt: on


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table read from an older release in today's schema: unknown columns dropped, new ones null.

    An upgrade that adds a column must not make yesterday's release unreadable.
    """
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


class Release(Protocol):
    """A complete release, opened read-only. Rooms receive one; only `flows.warehouse` builds one."""

    @property
    def id(self) -> str: ...

    @property
    def nuit(self) -> str:
        """Night of the release, ISO date."""
        ...

    @property
    def mode(self) -> str:
        """`demonstration` or `reel`."""
        ...

    @property
    def manifest(self) -> dict[str, Any]: ...

    def table(self, name: str) -> pa.Table:
        """One of `TABLES`, rows in key order."""
        ...

    def raw(self, sha256: str) -> bytes | None:
        """The raw bytes of a page, or None when purged."""
        ...

    def model_sql(self, name: str) -> str:
        """The SQL of a dbt model as written, for the traceability chain."""
        ...
