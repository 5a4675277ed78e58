{{ recensement('rp_familles', {'tfn': 'famille'}) }}
