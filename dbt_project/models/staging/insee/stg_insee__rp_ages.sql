{{ recensement('rp_ages', {'sex': 'sexe', 'age': 'tranche'}) }}
