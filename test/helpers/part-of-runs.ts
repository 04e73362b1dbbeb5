/** The part of the runs that properties have, from 0 to 1: few while faults are put in, one after the other. */
export const PART_OF_RUNS = Number(process.env.PART_OF_RUNS ?? 1);
