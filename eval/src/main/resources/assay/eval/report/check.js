// The page of a data check: each file's faults, with rows that have them.

function fileSection(file) {
  return section(file.file,
    element('p', { class: 'soft' }, `${count(file.pairs)} pairs. `, lengthSentence(file.lengths)),
    file.findings.length === 0 ? element('p', null, 'No fault found.') : file.findings.map(finding));
}

function lengthSentence(lengths) {
  if (lengths === null) {
    return null;
  }
  const means = `The chosen answers have ${count(Math.round(lengths.mean_chosen))} characters on average, `
    + `the rejected ones ${count(Math.round(lengths.mean_rejected))}`;
  return lengths.longer_wins === null ? `${means}.`
    : `${means}; the longer one is the chosen one in ${share(lengths.longer_wins)} `
      + `(${share(lengths.interval[0])} – ${share(lengths.interval[1])}).`;
}

function finding(found) {
  const shown = found.examples.length < found.number ? `, the first ${found.examples.length} are here` : '';
  return element('details', null,
    element('summary', null, element('strong', null, count(found.number)), ` ${found.fault}`,
      element('span', { class: 'soft' }, shown)),
    found.examples.map(({ row, other }) => element('div', { class: 'example' },
      pair(row), other === null ? null : [element('h3', null, 'and'), pair(other)])));
}

function pair(row) {
  if (row.fields !== undefined) {
    return [element('h3', null, row.place), element('div', { class: 'text turn' }, row.fields)];
  }
  return [
    element('h3', null, row.place),
    turns(row.prompt),
    element('div', { class: 'answers' }, answer('chosen', row.chosen), answer('rejected', row.rejected)),
  ];
}

function answer(side, messages) {
  return element('div', { class: `answer ${side}` },
    element('div', { class: 'soft' }, side),
    messages.map(message => element('div', { class: 'text' }, message.content)));
}

document.getElementById('page').append(
  element('h1', null, DATA.title), ...DATA.files.map(fileSection));
