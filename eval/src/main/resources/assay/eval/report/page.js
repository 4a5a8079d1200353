// What all pages share. Texts from data become text nodes and attributes, never markup.
'use strict';

const DATA = JSON.parse(document.getElementById('data').textContent);

/** An element with attributes and children: strings, numbers, nodes; null is left out. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return made;
}

/** The same in a drawing. */
function shape(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function section(title, ...children) {
  return element('section', null, element('h2', null, title), ...children);
}

function share(value) {
  return value.toFixed(3);
}

function count(value) {
  return value.toLocaleString('en');
}

/** A number of any size, short. */
function short(value) {
  const size = Math.abs(value);
  if (value === 0) {
    return '0';
  }
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function table(header, rows) {
  const cells = (row, name) => element('tr', null, row.map(cell => element(name, null, cell)));
  return element('div', { class: 'wide' },
    element('table', null,
      header ? element('thead', null, cells(header, 'th')) : null,
      element('tbody', null, rows.map(row => cells(row, 'td')))));
}

/** Many things, some at a time. */
function inPortions(all, size, show) {
  const list = element('div', null);
  const more = element('button', { type: 'button' });
  let shown = 0;
  const next = () => {
    list.append(...all.slice(shown, shown + size).map(show));
    shown = Math.min(shown + size, all.length);
    more.textContent = `Show more (${count(all.length - shown)})`;
    more.hidden = shown === all.length;
  };
  more.addEventListener('click', next);
  next();
  return [list, more];
}

/** A conversation before its answer. */
function turns(messages) {
  return messages.map(message =>
    element('div', { class: 'turn' },
      element('div', { class: 'soft' }, message.role),
      element('div', { class: 'text' }, message.content)));
}
