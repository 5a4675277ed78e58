-- Years behind France of the activity rate of women (int_annee_equivalente).
{{ retard_france('retard_activite_femmes') }}
