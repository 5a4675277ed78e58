{{ recensement('rp_navettes', {'trans': 'mode', 'work_area': 'lieu'}) }}
