// Search over what the page itself lists: no server, no request. Without this file the whole list stays, by group.
(function () {
  'use strict';
  var form = document.getElementById('recherche');
  var list = document.getElementById('toutes');
  if (!form || !list) { return; }
  var input = form.querySelector('input');
  var results = document.getElementById('resultats');
  var count = document.getElementById('nombre');
  var EMPTY = form.getAttribute('data-vides').split(' ');

  function fold(text) {
    return text.toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae').normalize('NFD').replace(/[\u0300-\u036f]/g, '');
  }
  // The minimal French stemmer of J. Savoy, as flows/publishing/search.py has it.
  function stem(word) {
    if (word.length < 6) { return word; }
    if (word.slice(-1) === 'x') { return word.slice(-3) === 'aux' ? word.slice(0, -3) + 'al' : word.slice(0, -1); }
    ['s', 'r', 'e', 'e'].forEach(function (end) { if (word.slice(-1) === end) { word = word.slice(0, -1); } });
    return word.length > 1 && word.slice(-1) === word.slice(-2, -1) ? word.slice(0, -1) : word;
  }
  function stems(text) {
    return (fold(text).match(/[a-z0-9]+/g) || []).filter(function (w) { return EMPTY.indexOf(w) === -1; }).map(stem);
  }
  window.observatoireRadicaux = stems; // for the test that compares it with the site's own

  var entries = Array.prototype.map.call(list.querySelectorAll('li[data-mots]'), function (item, rank) {
    return { item: item, rank: rank, first: item.getAttribute('data-titre').split(' '),
             others: item.getAttribute('data-mots').split(' ') };
  });
  // A whole word counts more than its beginning, a title more than the rest; every word must be found somewhere.
  function weight(words, wanted, whole, start) {
    if (words.indexOf(wanted) !== -1) { return whole; }
    return wanted.length > 2 && words.some(function (w) { return w.indexOf(wanted) === 0; }) ? start : 0;
  }
  function score(entry, asked) {
    var sum = 0;
    for (var i = 0; i < asked.length; i += 1) {
      var best = Math.max(weight(entry.first, asked[i], 8, 5), weight(entry.others, asked[i], 3, 1));
      if (!best) { return 0; }
      sum += best;
    }
    return sum + 1 / (1 + entry.first.length);
  }
  function search() {
    var asked = stems(input.value);
    results.textContent = '';
    list.hidden = asked.length > 0;
    if (!asked.length) { count.textContent = ''; return; }
    var found = entries.map(function (e) { return { e: e, score: score(e, asked) }; })
      .filter(function (f) { return f.score > 0; })
      .sort(function (a, b) { return b.score - a.score || a.e.rank - b.e.rank; })
      .slice(0, 40);
    found.forEach(function (f) { results.appendChild(f.e.item.cloneNode(true)); });
    var words = found.length === 0 ? 'rien' : found.length === 1 ? 'un' : 'plusieurs';
    count.textContent = count.getAttribute('data-' + words).replace('{n}', String(found.length));
  }
  function links() { return Array.prototype.slice.call(results.querySelectorAll('a')); }

  form.hidden = false;
  input.addEventListener('input', search);
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    if (links().length) { links()[0].click(); }
  });
  form.parentNode.addEventListener('keydown', function (event) {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') { return; }
    var all = links();
    var at = all.indexOf(document.activeElement);
    if (!all.length || (at === -1 && document.activeElement !== input)) { return; }
    event.preventDefault();
    var next = event.key === 'ArrowDown' ? at + 1 : at - 1;
    if (next < 0) { input.focus(); } else if (next < all.length) { all[next].focus(); }
  });
  var asked = new URLSearchParams(window.location.search).get('q');
  if (asked) { input.value = asked; }
  search();
})();
