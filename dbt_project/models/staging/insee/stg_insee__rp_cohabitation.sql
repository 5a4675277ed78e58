{{ recensement('rp_cohabitation', {'har': 'cohabitation'}) }}
