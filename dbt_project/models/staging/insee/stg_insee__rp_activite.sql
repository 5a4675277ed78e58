{{ recensement('rp_activite', {'sex': 'sexe', 'empsta_enq': 'activite'}) }}
