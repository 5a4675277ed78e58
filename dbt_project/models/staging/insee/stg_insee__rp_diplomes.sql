{{ recensement('rp_diplomes', {'educ': 'diplome'}) }}
