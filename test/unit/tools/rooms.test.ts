import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import rooms from '../../../tools/rooms.json';
import { arrowsOf, circlesOf, readSources, roomArrows, roomOf, upwardArrows } from '../../../tools/structure/imports';

const sources = readSources(join(__dirname, '..', '..', '..', 'src'));
const arrows = arrowsOf(sources);
const written = ({ from, to }: { from: string; to: string }): string => `${from} -> ${to}`;

describe('the imports of src', () => {
  it('were read', () => {
    expect(arrows.map(written)).toContain('client.ts -> client/start.ts');
    expect(arrows.length).toBeGreaterThan(sources.length);
  });

  it('follow the table', () => {
    expect(upwardArrows(arrows, rooms).map(written)).toEqual([]);
  });

  it('form no circle of files', () => {
    expect(circlesOf(arrows)).toEqual([]);
  });

  it('form no circle of rooms', () => {
    expect(circlesOf(roomArrows(arrows))).toEqual([]);
  });
});

describe('the table of rooms', () => {
  it('has no circle', () => {
    const table = Object.entries(rooms).flatMap(([from, targets]) => targets.map((to) => ({ from, to })));
    expect(circlesOf(table)).toEqual([]);
  });

  it('has a line for every room and every door', () => {
    const present = new Set(sources.map(({ fileName }) => roomOf(fileName)));
    expect(Object.keys(rooms)).toEqual(expect.arrayContaining([...present]));
  });

  it('gives the workflows nothing but the protocol, and the protocol nothing', () => {
    expect(rooms).toMatchObject({ protocol: [], workflows: ['protocol'] });
  });

  it('lets nobody import the command line', () => {
    expect(Object.values(rooms).flat()).not.toContain('cli');
  });
});
