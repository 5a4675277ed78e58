{{ recensement('rp_logements', {'ocs': 'categorie'}) }}
