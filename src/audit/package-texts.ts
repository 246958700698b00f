/** The notice in every package. */
export const NOTICE =
  'This file contains technical records and checks on them. It is not legal advice, not a conformity assessment and not a statement that any requirement of Regulation (EU) 2024/1689 is met. Whether that Regulation applies, to whom and from when, was not assessed. Absence of a record does not show absence of an event.';

export const HOW_TO_READ = {
  format_doc: 'docs/audit-package.md',
  verify_command: 'agent-strace verify --from-export FILE',
  vocabulary: {
    observed:
      'records of this kind are in the package; it does not mean that they are all there were',
    signal:
      'records that may matter for this question; it does not mean that the question is answered',
    gap: 'records that this question needs are missing; it does not mean that nothing happened',
    not_assessed: 'the records cannot answer this question; it does not mean yes or no',
    declared: 'stated by the operator and not checked',
    withheld: 'recorded and committed to, but not enclosed; it can be disclosed and checked later',
    erased: 'removed from the store together with its salt; it cannot be disclosed any more',
    recorded: 'written into the chain while the agent ran',
    imported: 'read from a file that could be changed until the chain was started',
  },
} as const;

export const LIMITATIONS = [
  'Hashes show changes made after an event was put into the chain, not whether the event was true.',
  'Without a signature by a key that the reader knows, whoever can edit this file can recompute every hash.',
  'A person who holds the signing key can rewrite what no reader has seen a checkpoint of.',
  'The recorder usually runs as the same user as the agent: the agent could suppress events or read a key file.',
  'Event times are those of the recording machine.',
  'Sessions imported from transcripts are protected only from the time of their import.',
  'Data categories come from event types and fact names; personal data and special categories are not assessed.',
  'Tools and models are those that were used; what was available is not known.',
  'Oversight points are records; several may speak of one decision, and none shows attention or competence.',
] as const;

/** What the log cannot show, and what would be needed for it. */
export const NOT_EVIDENCED = [
  {
    reference: 'Articles 3, 6 and 113',
    needs: 'classification of the system, role of the parties, date of application',
  },
  {
    reference: 'Articles 9, 11 and 17',
    needs: 'risk management, technical documentation, quality management',
  },
  { reference: 'Article 12(1)', needs: 'that nothing was left unrecorded' },
  { reference: 'Article 12(3)(b) to (d)', needs: 'concerns remote biometric identification only' },
  { reference: 'Article 13(3)(a) to (e)', needs: 'the provider\u2019s instructions for use' },
  { reference: 'Article 14(4)(b) and (c)', needs: 'how persons interpreted what they saw' },
  {
    reference: 'Articles 72 and 73',
    needs: 'monitoring plan, assessment and reporting of incidents',
  },
] as const;
