// Run Directus in two processes that share a port, as its image does with pm2.
import cluster from "node:cluster";

const [program] = process.argv.slice(2);
cluster.setupPrimary({ exec: program, args: ["start"] });
cluster.fork();
cluster.fork();
// One that ends by itself is a fault, which must not go unnoticed.
cluster.on("exit", () => process.exit(1));
