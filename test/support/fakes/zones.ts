import { Fault, type FaultCode } from '../../../src/fault.ts';
import type { Source } from '../../../src/job.ts';
import { hostOf } from '../../../src/records/name.ts';
import type { RecordSet } from '../../../src/records/record-set.ts';
import type { Listing, Records } from '../../../src/records/records.ts';
import { throwIfOver } from '../../../src/run.ts';

/** Hosted zones in memory. */
export class Zones implements Records {
  /** `list Z1`, in the order in which they happened. */
  readonly log: string[];
  readonly #zones = new Map<string, RecordSet[]>();
  readonly #pages = new Map<string, number>();
  readonly #broken = new Map<string, FaultCode>();
  readonly #hooks: { zone: string; hook: () => void | Promise<void> }[] = [];

  constructor(log: string[] = []) {
    this.log = log;
  }

  /** A zone is what it says from now on; names are CNAME records. */
  set(zone: string, ...names: string[]): void {
    this.#broken.delete(zone);
    this.#zones.set(
      zone,
      names.map((name) => ({ name: `${name}.`, type: 'CNAME' })),
    );
  }

  break(zone: string, code: FaultCode): void {
    this.#broken.set(zone, code);
  }

  /** Listings of this zone have so many pages from now on. */
  inPages(zone: string, pages: number): void {
    this.#pages.set(zone, pages);
  }

  /** Runs once, when the next listing of the zone has been taken and before it is answered. */
  afterListing(zone: string, hook: () => void | Promise<void>): void {
    this.#hooks.push({ zone, hook });
  }

  listings(zone?: string): number {
    return this.log.filter((it) => (zone ? it === `list ${zone}` : it.startsWith('list '))).length;
  }

  async list(
    source: Source,
    suffix: string | undefined,
    run: { signal: AbortSignal },
  ): Promise<Listing> {
    const zone = 'zone' in source ? source.zone : source.records;
    throwIfOver(run, `before zone ${zone} was listed`);
    this.log.push(`list ${zone}`);
    const broken = this.#broken.get(zone);
    if (broken) throw new Fault(broken, `zone ${zone}: ${broken}`);
    const records = this.#zones.get(zone);
    if (!records) throw new Fault('zone-missing', `zone ${zone} is missing`);
    const listed = records.filter(
      ({ name }) => suffix === undefined || `.${hostOf(name)}`.endsWith(`.${suffix}`),
    );
    const at = this.#hooks.findIndex((it) => it.zone === zone);
    if (at >= 0) await this.#hooks.splice(at, 1)[0]?.hook();
    return { recordSets: listed, pages: this.#pages.get(zone) ?? 1 };
  }
}
