CREATE TABLE "user" (
  id SERIAL NOT NULL, username VARCHAR(20) NOT NULL, email VARCHAR(120) NOT NULL, image_file VARCHAR(20), password VARCHAR(60) NOT NULL,
  PRIMARY KEY (id), UNIQUE (username), UNIQUE (email));
