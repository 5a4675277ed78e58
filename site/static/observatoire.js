// A filter above long lists. Nothing else: every page says all it has to say without this file.
(function () {
  'use strict';
  var fold = function (text) { return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase(); };
  document.querySelectorAll('table[data-filtre]').forEach(function (table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    if (rows.length < 12) { return; }
    var label = document.createElement('label');
    var input = document.createElement('input');
    label.className = 'filtre';
    label.textContent = table.getAttribute('data-filtre');
    input.type = 'search';
    label.appendChild(input);
    table.parentNode.parentNode.insertBefore(label, table.parentNode);
    input.addEventListener('input', function () {
      var wanted = fold(input.value.trim());
      rows.forEach(function (row) { row.hidden = fold(row.textContent).indexOf(wanted) === -1; });
    });
  });
})();
