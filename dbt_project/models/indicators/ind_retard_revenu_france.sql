-- Years behind France of the median income (int_annee_equivalente).
{{ retard_france('retard_revenu_france') }}
