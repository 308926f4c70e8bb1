/** A fault as somebody could make it in one change of the product, and that the simulation must find. */
export interface Planted {
  readonly name: string;
  /** Below src. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const planted: readonly Planted[] = [
  {
    name: 'drop the precondition of a write',
    file: 'objects/kubernetes/object.ts',
    from: 'metadata: { resourceVersion: version, ...annotated(change) },',
    to: 'metadata: { ...annotated(change) },',
  },
  {
    name: 'ignore 409',
    file: 'sync-object.ts',
    from: 'return { again: more ? withMore(fault, more) : fault };',
    to: 'return { outcomes, wrote: true };',
  },
  {
    name: 'reuse the old listing after a conflict',
    file: 'sync-object.ts',
    from: 'listings = listings.again();',
    to: '',
  },
  {
    name: 'forget also',
    file: 'targets/targets.ts',
    from: 'unique([...also, ...found], warnings)',
    to: 'unique([...found], warnings)',
  },
  {
    name: 'skip the second listing',
    file: 'sync.ts',
    from: 'if (doubtful.length === 0) return rendered;',
    to: 'if (doubtful.length >= 0) return rendered;',
  },
  {
    name: 'take an unanswered write as written',
    file: 'sync-object.ts',
    from: 'return { again: fault, unanswered };',
    to: 'return { outcomes: written, wrote: true };',
  },
  {
    name: 'take a garbled memory as empty',
    file: 'targets/memory.ts',
    from: "  } catch {\n    return 'garbled';",
    to: '  } catch {\n    return new Map();',
  },
  {
    name: 'write no memory',
    file: 'render.ts',
    from: '...(isNew && { memory: text ?? null }),',
    to: '',
  },
  {
    name: 'lose the memory of the lists that are not in this run',
    file: 'render.ts',
    from: 'const lists = new Map(memory);',
    to: 'const lists = new Map();',
  },
  {
    name: 'judge each run by itself',
    file: 'targets/guard.ts',
    from: 'const removed = leaving.size + removedBefore;',
    to: 'const removed = leaving.size;',
  },
  {
    name: 'do not forget a kept name that came back',
    file: 'targets/guard.ts',
    from: '(job.keepMs > 0 &&',
    to: '(false &&',
  },
  {
    name: 'let a kept target go too early',
    file: 'targets/guard.ts',
    from: 'keeps && until(host) > now)',
    to: 'keeps && until(host) > now + 250_000)',
  },
  {
    name: 'correct a time by a clock that may be wrong itself',
    file: 'targets/guard.ts',
    from: 'isAhead(time, now) ? seconds(now) : time',
    to: 'Math.min(time, seconds(now))',
  },
  {
    name: 'write a paused object',
    file: 'objects/kubernetes/object.ts',
    from: "return text !== '' && text !== 'false';",
    to: "return text === 'yes';",
  },
  {
    name: 'find nothing to do while an unanswered write may still arrive',
    file: 'sync-object.ts',
    from: '? { again: unanswered.fault, unanswered: { ...unanswered, overtaken: true } }',
    to: '? result',
  },
  {
    name: 'find nothing to do without reading the object again',
    file: 'sync-object.ts',
    from: 'if (!outcomes.some(isClaimed)) return',
    to: 'if (outcomes.length > 0) return',
  },
  {
    name: 'take another run’s write as the unanswered one',
    file: 'sync-object.ts',
    from: 'const all = [...snapshot.texts, ...texts].filter(([key]) => keys.has(key));',
    to: 'const all = [...texts];',
  },
  {
    name: 'create an object again that was deleted',
    file: 'sync-object.ts',
    from: 'if (snapshot.version !== undefined) create = false;',
    to: '',
  },
  {
    name: 'remove what the guard refuses',
    file: 'render.ts',
    from: 'const staying = [...kept.map(({ target }) => target), ...withheld];',
    to: 'const staying = [...kept.map(({ target }) => target)];',
  },
  {
    name: 'withhold additions, too',
    file: 'render.ts',
    from: 'const written = withStaying(targets, staying);',
    to: 'const written = fault ? opened.targets : withStaying(targets, staying);',
  },
  {
    name: 'remove from a list that nobody has reviewed',
    file: 'targets/guard.ts',
    from: "const isReviewed = list.adopted || job.guard.adopt === 'replace';",
    to: 'const isReviewed = true;',
  },
  {
    name: 'empty a list below minTargets',
    file: 'targets/guard.ts',
    from: 'if (left < guard.minTargets) {',
    to: 'if (left < 0) {',
  },
  {
    name: 'read the first page only',
    file: 'records/route53.ts',
    from: 'if (!page.IsTruncated) return { recordSets, next: undefined };',
    to: 'if (recordSets) return { recordSets, next: undefined };',
  },
  {
    name: 'take an empty answer as an empty zone',
    file: 'records/route53.ts',
    from: 'if (page.ResourceRecordSets === undefined || page.IsTruncated === undefined) {',
    to: 'if (page.ResourceRecordSets === undefined) return { recordSets: [], next: undefined };\n      if (page.IsTruncated === undefined) {',
  },
  {
    name: 'list the records before the object is read',
    file: 'sync.ts',
    from: '  const reading = objects.map(',
    to: '  for (const job of jobs) await listings.of(job).catch(() => undefined);\n  const reading = objects.map(',
  },
  {
    name: 'render a second list into the text as it was read',
    file: 'render.ts',
    from: 'const before = texts.get(key) ?? textAt(snapshot, list.place);',
    to: 'const before = textAt(snapshot, list.place);',
  },
  {
    name: 'identify a file by its bytes',
    file: 'objects/file/replace-file.ts',
    from: '(facts) => isSame(facts, read)',
    to: '() => true',
  },
  {
    name: 'let an older run replace a file whose bytes are back',
    file: 'objects/file/replace-file.ts',
    from: 'if (versionOf(read, await old.bytes()) !== version) return false;',
    to: "if (!version.endsWith(versionOf(read, await old.bytes()).split('-')[3])) return false;",
  },
  {
    name: 'leave temporary files of killed runs',
    file: 'objects/file/file.ts',
    from: 'await removeLeftOvers(disk, path);',
    to: '',
  },
];
