/** The workflows of the tests' bundle: the package's, and those that tests need besides. */
export * from '../../src/workflows';
