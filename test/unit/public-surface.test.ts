import { describe, expect, it } from '@jest/globals';
import * as activities from '../../src/activities';
import * as client from '../../src/client';
import * as root from '../../src/index';
import * as workflows from '../../src/workflows';
import { ACTIVITY_NAMES, WORKFLOW_TYPES } from '../../src/protocol/names';
import packageJson from '../../package.json';

describe('what the package exports', () => {
  it('has the four entries of the contract', () => {
    expect(Object.keys(packageJson.exports)).toEqual([
      '.',
      './client',
      './workflows',
      './activities',
      './package.json',
    ]);
  });

  it('is the plugin and a ready worker at the root', () => {
    expect(Object.keys(root).sort()).toEqual([
      'HrflowConnectorsPlugin',
      'KeyRing',
      'createCodecServer',
      'createConnectorsWorker',
      'createLogger',
      'createPayloadCodec',
      'parseKeyRing',
    ]);
  });

  it('is connect and its errors for clients', () => {
    expect(Object.keys(client).sort()).toEqual([
      'EncryptionKeyInvalidError',
      'EncryptionKeyMissingError',
      'InputError',
      'KeyRing',
      'LISTED_STATES',
      'OperationRefusedError',
      'OperationUnansweredError',
      'PushError',
      'TemporalUnreachableError',
      'connect',
      'parseKeyRing',
    ]);
  });

  it('is one function per workflow type, under its own name', () => {
    expect(Object.keys(workflows).sort()).toEqual([...WORKFLOW_TYPES].sort());
    for (const [name, workflow] of Object.entries(workflows)) expect(workflow.name).toBe(name);
  });

  it('is a maker of the activities under their wire names, and of what they need', () => {
    expect(Object.keys(activities).sort()).toEqual(['createActivities', 'workerDependencies']);
    const dependencies = activities.workerDependencies({}, { encrypted: true });
    expect(Object.keys(activities.createActivities(dependencies)).sort()).toEqual([...ACTIVITY_NAMES].sort());
    expect(ACTIVITY_NAMES).toHaveLength(8);
  });

  it('keeps every Temporal package a peer', () => {
    expect(Object.keys(packageJson.dependencies).filter((name) => name.startsWith('@temporalio/'))).toEqual([]);
    expect(Object.keys(packageJson.peerDependencies)).toContain('@temporalio/worker');
    expect(packageJson.dependencies.protobufjs).toMatch(/^\^8\./);
  });
});
