/** The workflows of the tests' bundle: ours, and what the tests need beside them. */
export * from '../../src/workflows';
