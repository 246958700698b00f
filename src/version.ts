declare const __VERSION__: string | undefined;

/** This program's version, inserted by the build; a run from source reports that it is one. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
