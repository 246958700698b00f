export interface ReadinessCheck {
  readonly name: string;
  readonly state: 'pass' | 'gap' | 'not assessed';
  readonly finding: string;
  /** What to do about a gap. */
  readonly advice?: string | undefined;
}

export function notAssessed(name: string, finding = 'nothing known'): ReadinessCheck {
  return { name, state: 'not assessed', finding };
}

export function pass(name: string, finding: string): ReadinessCheck {
  return { name, state: 'pass', finding };
}

export function gap(name: string, finding: string, advice: string): ReadinessCheck {
  return { name, state: 'gap', finding, advice };
}
