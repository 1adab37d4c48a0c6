export const USAGE: string = `Usage
  fastify-live-view explain [file]             what each view reads, shows and accepts
  fastify-live-view exposure --write [file]    write down what the views expose
  fastify-live-view exposure --check [file]    exit 1 where they expose more than is written down

file is the application: a module whose default export, or export named app, buildApp or build, is a Fastify
instance, a promise of one, a function that gives one, or a Fastify plugin. Without one: main of package.json.

Options
  --view <name>        explain only this view; may be repeated
  --json               explain as JSON
  --lock <path>        the file of exposure; default: live-exposure.json beside package.json
  --timeout <seconds>  how long the application may take to boot; default: 60
  --verbose            show the stack of an error
  --help, --version

Exit codes: 0 done, 1 something is exposed that is not written down, 2 wrong usage or the application did not boot.
TypeScript is loaded as Node can: from 22.18 on by itself, else with NODE_OPTIONS='--import tsx'.
`
