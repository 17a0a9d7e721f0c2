// Whether the computer's clock can be believed. A laptop whose battery went flat wakes up in another year, and by a rule of age all
// that it holds would be old at once; so what removes by age waits a day after a leap, in which a person sees it or the network puts
// it right.
import { z } from 'zod';
import type { SettingsStore } from './settings-store.ts';

const NAME = 'clock';
const shape = z.object({
  /** Epoch milliseconds, as all here: when the clock was looked at last. */
  seenAt: z.number(),
  /** When it had leapt ahead; null where it is believed. */
  leptAt: z.number().nullable(),
});

const DAY_MS = 24 * 60 * 60 * 1000;
const LEAP_MS = 7 * DAY_MS;
/** A newer look says nothing more, and each command looks. */
const NOTED_AGAIN_MS = 60 * 60 * 1000;

export class ClockDoubt {
  readonly #settings: SettingsStore;
  readonly #now: () => number;

  constructor(settings: SettingsStore, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Until when (epoch milliseconds) the age of a study says nothing; null where the clock is believed. */
  until(): number | null {
    const since = this.#leptAt();
    return since === null ? null : since + DAY_MS;
  }

  /** Notes how the clock stands, and gives `until`: what removes by age looks before it does. */
  look(): number | null {
    const leptAt = this.#leptAt();
    const [noted, now] = [this.#noted(), this.#now()];
    if (!noted || noted.leptAt !== leptAt || Math.abs(now - noted.seenAt) > NOTED_AGAIN_MS)
      this.#settings.write(NAME, { seenAt: now, leptAt });
    return leptAt === null ? null : leptAt + DAY_MS;
  }

  #noted(): z.infer<typeof shape> | null {
    return this.#settings.read(NAME, shape.nullable(), null);
  }

  #leptAt(): number | null {
    const now = this.#now();
    const { seenAt, leptAt } = this.#noted() ?? { seenAt: now, leptAt: null };
    // Put back, it is believed at once.
    const since = now - seenAt > LEAP_MS ? now : now < seenAt ? null : leptAt;
    return since !== null && now < since + DAY_MS ? since : null;
  }
}
